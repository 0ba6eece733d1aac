//! However a name is spelled, the same rule refuses it: case, the dot at the end, both forms of an international
//! name, white space around it; and, where the rule reaches that far, the name below and the name above.

use super::{Rule, judged};
use Rule::{FreemailDomain, OwnDomain, PublicSuffix, SpecialNetwork};

#[test]
fn every_spelling_of_a_protected_name_is_refused_by_its_rule() {
    for (rule, spellings) in [
        (
            OwnDomain,
            &[
                "acme.example",
                "ACME.Example",
                "acme.example.",
                " acme.example ",
                "mx.ACME.example.",
                "ACME.co.UK.",
                "CEO@Acme.Example.",
                "ceo@MX.acme.example",
                // Configured as "Bücher.example.".
                "bücher.example",
                "BÜCHER.example.",
                "bu\u{308}cher.example",
                "xn--bcher-kva.example",
                "XN--BCHER-KVA.example",
                "mx.bücher.example",
                "mx。bücher．example",
                "mx.xn--bcher-kva.example.",
                "info@bücher.example",
                "info@xn--bcher-kva.example.",
            ][..],
        ),
        (
            PublicSuffix,
            &[
                "co.uk",
                "CO.uk",
                "co.uk.",
                "X@Co.Uk.",
                "公司.cn",
                "xn--55qx5d.cn",
                "XN--55QX5D.CN.",
                "x@公司.cn",
                "GitHub.IO.",
            ][..],
        ),
        (
            SpecialNetwork,
            &[
                " 10.0.0.1 ",
                "[10.0.0.1]",
                "[IPV6:FE80:0:0:0::1]",
                "USER@[10.0.0.1]",
                "fe80:0000::0001",
            ][..],
        ),
        (
            FreemailDomain,
            &[
                "gmail.com",
                "GMail.COM",
                "gmail.com.",
                "ｇｍａｉｌ.com",
                "MX.Gmail.com.",
            ][..],
        ),
    ] {
        for spelling in spellings {
            let refused = judged(spelling).map_err(|refused| refused.rule());
            assert_eq!(refused, Err(rule), "{spelling}");
        }
    }
}

#[test]
fn what_only_looks_alike_passes() {
    for value in [
        // Cyrillic letters: another name, which a note may point at one day.
        "асме.example",
        "gmаil.com",
        "bucher.example",
        "xn--bcher-kva.example.net",
        "acme-example.com",
    ] {
        assert_eq!(judged(value), Ok(()), "{value}");
    }
}
