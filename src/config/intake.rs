//! `[intake]`: how values of callers are understood. So far the numbers under which one ThreatQ installation
//! knows its indicator types.

use super::section::Section;
use crate::manifest::unknown;
use crate::model::{IndicatorType, escape_control};
use std::collections::BTreeMap;

/// Reads `type_ids = { 5 = "Email Address" }`; empty by default.
pub(super) fn read(mut section: Section<'_>) -> BTreeMap<i64, IndicatorType> {
    let names: Vec<&str> = IndicatorType::ACCEPTABLE
        .iter()
        .map(|acceptable| acceptable.name())
        .collect();
    let mut type_ids = BTreeMap::new();
    for (place, key, name) in section.table_of_texts("type_ids") {
        let name = section.check(name, |name| {
            let known = IndicatorType::ACCEPTABLE.iter();
            let found = known
                .copied()
                .find(|acceptable| acceptable.name().eq_ignore_ascii_case(name.trim()));
            found.ok_or_else(|| {
                let what = format!("type `{}` in `type_ids`", escape_control(&name));
                unknown(&what, &name, "allowed", &names)
            })
        });
        let Ok(id) = key.parse::<i64>() else {
            let text = format!(
                "`{}` in `type_ids` must be a number, the type's id in ThreatQ",
                escape_control(&key)
            );
            section.add_mistake(&place, text);
            continue;
        };
        if type_ids.contains_key(&id) {
            section.add_mistake(
                &place,
                format!("the id {id} stands in `type_ids` twice; take one out"),
            );
        }
        if let Some(indicator_type) = name.value() {
            type_ids.insert(id, indicator_type);
        }
    }
    section.finish();
    type_ids
}
