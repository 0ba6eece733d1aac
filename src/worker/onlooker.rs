//! Whoever only looks: a preview asks the store as a task does, and has nothing to keep and nothing to write.

use super::lookup;
use crate::model::{EntryKey, ListKind, Operation, Pair, PairKey};
use crate::pipeline::{ApplianceCall, Cause, Keeper, Leave, PutThere, Run, TakenPair, TakingBack};
use crate::reconcile::HourUse;
use crate::store::Store;
use async_trait::async_trait;
use std::collections::BTreeMap;

pub(super) struct Onlooker {
    pub(super) store: Store,
    /// What is looked at would end the holds of this run.
    pub(super) ends_holds_of: Option<String>,
}

#[async_trait]
impl Keeper for Onlooker {
    async fn journal(&self, _: &[Pair], _: Cause) -> Leave {
        Leave::Withheld
    }

    async fn may_write(&self, _: Cause) -> Leave {
        Leave::Withheld
    }

    fn cancelled(&self) -> Option<String> {
        None
    }

    fn switched_off(&self) -> Option<String> {
        None
    }

    fn reached(&self, _: &'static str) {}

    fn counted(&self, _: ApplianceCall) {}

    fn is_stopping(&self) -> bool {
        false
    }

    async fn stopped(&self) {
        std::future::pending().await
    }

    async fn pairs_to_take_back(&self, what: &TakingBack, run: &Run, place: usize) -> Option<Vec<TakenPair>> {
        lookup::pairs_to_take_back(&self.store, what, run, place).await
    }

    async fn owned(
        &self,
        appliance: &str,
        list: ListKind,
        pairs: Vec<PairKey>,
    ) -> Option<BTreeMap<PairKey, PutThere>> {
        lookup::owned(&self.store, appliance, list, &pairs).await
    }

    async fn used_within_the_hour(
        &self,
        appliance: &str,
        list: ListKind,
        operation: Operation,
    ) -> Option<Vec<HourUse>> {
        lookup::used_within_the_hour(&self.store, appliance, list, operation).await
    }

    async fn held(
        &self,
        list: ListKind,
        recipients: Vec<EntryKey>,
        senders: Vec<EntryKey>,
    ) -> Option<BTreeMap<PairKey, String>> {
        lookup::held(
            &self.store,
            list,
            &recipients,
            &senders,
            self.ends_holds_of.as_deref(),
        )
        .await
    }
}
