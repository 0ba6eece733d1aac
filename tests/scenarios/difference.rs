//! Where two outputs differ, for a person: lines that both have, lines that are gone, lines that are new.
//!
//! Refuses to know what the lines mean.

/// Each line with ` `, `-` for what the file expects and did not come, or `+` for what came instead.
pub fn difference(expected: &[String], came: &[String]) -> String {
    let common = common_lengths(expected, came);
    let (mut left, mut right) = (0, 0);
    let mut lines = Vec::new();
    while left < expected.len() || right < came.len() {
        let is_equal = left < expected.len() && right < came.len() && expected[left] == came[right];
        if is_equal {
            lines.push(format!("    {}", expected[left]));
            left += 1;
            right += 1;
        } else if right == came.len()
            || (left < expected.len() && common[left + 1][right] >= common[left][right + 1])
        {
            lines.push(format!("  - {}", expected[left]));
            left += 1;
        } else {
            lines.push(format!("  + {}", came[right]));
            right += 1;
        }
    }
    lines.join("\n")
}

/// How many lines the rests from two places on have in common, in order.
fn common_lengths(left: &[String], right: &[String]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; right.len() + 1]; left.len() + 1];
    for row in (0..left.len()).rev() {
        for column in (0..right.len()).rev() {
            common[row][column] = if left[row] == right[column] {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    common
}

#[test]
fn what_is_gone_and_what_is_new_stands_between_what_both_have() {
    let lines = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (expected, came, shown) in [
        ("a b c", "a b c", "    a\n    b\n    c"),
        ("a b c", "a x c", "    a\n  - b\n  + x\n    c"),
        ("", "a", "  + a"),
        ("a b", "b", "  - a\n    b"),
    ] {
        assert_eq!(difference(&lines(expected), &lines(came)), shown);
    }
}
