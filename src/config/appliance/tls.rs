//! The keys of `[appliances.NAME]` that decide whom we talk to: `verify_tls`, `ca_file`, `pin_sha256`, `legacy_tls`.
//! Each combination means one thing, or is a mistake. Knows nothing of a handshake; `appliance/tls.rs` does.

use super::super::files::read_text;
use super::super::section::Section;
use super::super::setting::Setting;
use crate::manifest::{Mistakes, Place};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fmt;
use std::path::Path;

/// The one in use and the one that comes after it.
const PINS_MAX: usize = 2;
/// All authorities of a system are about 250 KiB.
const CA_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// How the appliance has to prove who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// Who vouches for its certificate.
    pub trust: Trust,
    /// Speak TLS by the system's OpenSSL, which still knows the key exchanges of old appliances. Only in a build
    /// with the feature `legacy-tls`. Default false.
    pub legacy: bool,
}

/// Who vouches for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The authorities that the operating system trusts. The default.
    System,
    /// The authorities of `ca_file`, and no others.
    Authorities(Vec<CertificateDer<'static>>),
    /// Nobody: it is one of these, whatever its names and dates.
    Pins(Vec<Fingerprint>),
    /// Nobody, and whatever comes is taken: `verify_tls = false`.
    Nothing,
}

/// SHA-256 of a certificate in DER.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// From 64 hexadecimal digits, with or without colons between the bytes.
    fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|letter| *letter != ':').collect();
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, place) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[place..place + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

/// `AB:CD:...`, as browsers and `openssl x509 -fingerprint` show it.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.map(|byte| format!("{byte:02X}"));
        f.write_str(&pairs.join(":"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The keys as they were written.
pub(super) struct TlsKeys {
    verify_tls: Setting<bool>,
    ca_file: Setting<String>,
    pin_sha256: Setting<Vec<(Place, String)>>,
    legacy_tls: Setting<bool>,
}

impl TlsKeys {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            verify_tls: section.flag("verify_tls"),
            ca_file: section.text("ca_file"),
            pin_sha256: section.texts("pin_sha256"),
            legacy_tls: section.flag("legacy_tls"),
        }
    }

    /// What they mean together. None where one of them is wrong.
    pub(super) fn checked(self, base_dir: &Path, mistakes: &mut Mistakes) -> Option<TlsSettings> {
        let legacy = match self.legacy_tls {
            Setting::Written(true, place) if !cfg!(feature = "legacy-tls") => {
                mistakes.add(
                    &place,
                    "`legacy_tls` needs a build that has it: cargo build --release --features legacy-tls",
                );
                return None;
            }
            other => other,
        };
        let legacy_place = legacy.place().cloned();
        let legacy = legacy.or(false);
        let (ca_place, pin_place) = (self.ca_file.place().cloned(), self.pin_sha256.place().cloned());
        let ca_file = self
            .ca_file
            .checked(mistakes, |path| read_authorities(&base_dir.join(path)));
        let pins = match self.pin_sha256 {
            Setting::Written(pins, place) => read_pins(pins, &place, mistakes),
            Setting::Absent | Setting::Wrong(_) => None,
        };
        let is_off = matches!(self.verify_tls, Setting::Written(false, _));
        match (is_off, &ca_place, &pin_place) {
            (true, Some(place), _) | (true, None, Some(place)) => {
                let text =
                    "`verify_tls` = false takes any certificate; take it out, or `ca_file` and `pin_sha256`";
                mistakes.add(place, text);
                return None;
            }
            (false, Some(_), Some(place)) => {
                let text = "`pin_sha256` decides alone who the appliance is; take it out, or `ca_file`";
                mistakes.add(place, text);
                return None;
            }
            _ => {}
        }
        if let (true, Some(_), Some(place)) = (legacy, &pin_place, &legacy_place) {
            mistakes.add(
                place,
                "`legacy_tls` cannot look for `pin_sha256`; use `ca_file`, or take `legacy_tls` out",
            );
            return None;
        }
        let trust = match (is_off, ca_place, pin_place) {
            (true, ..) => Trust::Nothing,
            (_, Some(_), _) => Trust::Authorities(ca_file.value()?),
            (_, _, Some(_)) => Trust::Pins(pins?),
            _ => Trust::System,
        };
        Some(TlsSettings { trust, legacy })
    }
}

fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read_text(path, CA_FILE_BYTES_MAX).map_err(|reason| format!("the `ca_file` {reason}"))?;
    let authorities: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match authorities {
        Ok(authorities) if !authorities.is_empty() => Ok(authorities),
        _ => Err(
            "the `ca_file` holds no certificate in PEM (\"-----BEGIN CERTIFICATE-----\" and so on)"
                .to_owned(),
        ),
    }
}

fn read_pins(
    written: Vec<(Place, String)>,
    place: &Place,
    mistakes: &mut Mistakes,
) -> Option<Vec<Fingerprint>> {
    let count = written.len();
    if !(1..=PINS_MAX).contains(&count) {
        let text = format!(
            "`pin_sha256` must be one fingerprint, or {PINS_MAX} while a certificate is being renewed; here are {count}"
        );
        mistakes.add(place, text);
        return None;
    }
    let mut pins = Vec::new();
    for (place, text) in written {
        match Fingerprint::parse(&text) {
            Some(pin) => pins.push(pin),
            None => mistakes.add(
                &place,
                "`pin_sha256` must be the SHA-256 fingerprint of a certificate, 64 hexadecimal digits with or without colons",
            ),
        }
    }
    (pins.len() == count).then_some(pins)
}
