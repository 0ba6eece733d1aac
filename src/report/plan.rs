//! What a report tells of a plan: the one that a preview was kept as, or the one that a run applied. Knows no store.

use serde::{Deserialize, Serialize};

/// A plan, as it stands in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLine {
    /// Its id.
    pub id: String,
    /// Until when it can be applied; with a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// What had moved when it was its turn, so that it was not applied there; with a run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<String>,
    /// Where it is.
    pub link: String,
}

impl PlanLine {
    /// The plan with this id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            link: format!("/v1/plans/{id}"),
            ..Self::default()
        }
    }
}
