//! The oracle: seeded random runs against an appliance that keeps books, and every outcome held against what really
//! happened to each pair.

mod additions;
mod calm;
mod claim;
mod deletions;
mod dice;
mod draw;
mod judge;
mod play;
mod story;
mod trace;

#[test]
fn no_run_in_memory_is_untrue() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("DOORLIST_ORACLE_SEED") {
        Some(only) => only..only + 1,
        None => 0..number("DOORLIST_ORACLE_RUNS").unwrap_or(2_000),
    };
    let mut failed = 0;
    for seed in seeds {
        let story = draw::story(seed);
        let played = play::play(&story);
        let untruths = judge::judge(&story, &played);
        if !untruths.is_empty() {
            println!("seed {seed}: {}\n{}", untruths.join("\n"), story.describe());
            failed += 1;
            if failed > 3 {
                break;
            }
        }
    }
    assert_eq!(failed, 0);
}
