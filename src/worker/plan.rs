//! Plans between the pipeline and the store: a preview is looked at as closely as a plan needs it, kept, and read again as
//! the run that applies it. Refuses to know who may do that, and how it is answered.

use super::Engine;
use crate::pipeline::{self, Picture, Planned, Run, Seen};
use crate::store::{Author, NewPlan, StoreError, StoredPlan, WAITING_PLANS_MAX};
use std::sync::Arc;

/// What became of a preview that was to be kept.
#[derive(Debug)]
pub enum Kept {
    /// It is kept.
    Plan(Box<StoredPlan>),
    /// It is not, and why.
    Not(String),
}

impl Engine {
    /// A preview with all that a plan needs of it. None where the store cannot be asked.
    pub fn look_closely(&self, run: Run) -> impl Future<Output = Option<Seen>> + Send + 'static {
        let onlooker = self.onlooker(&run);
        pipeline::look_closely(Arc::clone(&self.app), run, onlooker)
    }

    /// Keeps a preview of this run under the id of the run.
    ///
    /// # Errors
    /// The store cannot keep it.
    pub async fn keep_plan(&self, run: &Run, seen: &Seen, author: Author) -> Result<Kept, StoreError> {
        let pictures = match pipeline::pictures(run, seen) {
            Ok(pictures) => pictures,
            Err(unkept) => return Ok(Kept::Not(unkept.to_string())),
        };
        let run = Run {
            dry_run: false,
            ..run.clone()
        };
        let new = NewPlan {
            id: run.id.clone(),
            author,
            action: run.action.clone(),
            configuration: run.configuration.clone(),
            document: json(&run),
            picture: json(&pictures),
            report: json(&seen.report),
            text: seen.report.text.clone(),
            good_for: self.app.config.server.keep_plans,
            audit: format!(
                "{} items, {} pairs",
                run.items.len(),
                seen.report.summary.pairs.would
            ),
        };
        let kept = self.store.keep_plan(new).await?;
        Ok(kept.map_or_else(
            || {
                Kept::Not(format!(
                    "{WAITING_PLANS_MAX} plans of this client wait to be applied already"
                ))
            },
            |plan| Kept::Plan(Box::new(plan)),
        ))
    }
}

/// The run that would apply the plan, under this id.
///
/// # Errors
/// Another version of doorlist has kept it.
pub fn run_of_plan(plan: &StoredPlan, id: &str) -> Result<Run, serde_json::Error> {
    let pictures: Vec<Picture> = serde_json::from_str(&plan.picture)?;
    let run: Run = serde_json::from_str(&plan.document)?;
    let planned = Planned {
        id: plan.id.clone(),
        pictures,
    };
    Ok(Run {
        id: id.to_owned(),
        plan: Some(planned),
        ..run
    })
}

fn json(of: &impl serde::Serialize) -> String {
    serde_json::to_string(of).expect("text, numbers and lists always have a JSON form")
}
