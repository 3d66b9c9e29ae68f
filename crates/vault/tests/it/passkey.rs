//! Passkeys: the right answer, and all that only looks like it.

use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::SoftPasskey;
use vault::{
    PasskeyError, RelyingParty, decode_base64url, encode_base64url,
    passkey::{Begun, MOST_ANSWER_BYTES, Owner},
};

const HERE: &str = "https://time.example.com";
const OWNER: [u8; 16] = [7; 16];

fn party() -> RelyingParty {
    RelyingParty::new(HERE).unwrap()
}

fn ann() -> Owner<'static> {
    Owner { id: OWNER, name: "ann@example.org", passkeys: &[] }
}

/// A device with a passkey for [`HERE`], and what is stored of it.
fn enrolled(mut device: SoftPasskey) -> (SoftPasskey, String) {
    let begun = party().begin_registration(&ann()).unwrap();
    let answer = device.create(&begun.options);
    let made = party().finish_registration(&begun.state, &answer).unwrap();
    (device, made.passkey)
}

fn changed(text: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap();
    change(&mut value);
    value.to_string()
}

/// An answer with something else in its client data.
fn client_data(answer: &str, name: &str, to: Value) -> String {
    changed(answer, |answer| {
        let data = &mut answer["response"]["clientDataJSON"];
        let bytes = decode_base64url(data.as_str().unwrap()).unwrap();
        let mut inner: Value = serde_json::from_slice(&bytes).unwrap();
        inner[name] = to;
        *data = encode_base64url(inner.to_string().as_bytes()).into();
    })
}

#[test]
fn a_passkey_is_made_and_signs_in() {
    let party = party();
    let begun = party.begin_registration(&ann()).unwrap();
    let options: Value = serde_json::from_str(&begun.options).unwrap();
    let public = &options["publicKey"];
    assert_eq!(public["rp"], json!({ "id": "time.example.com", "name": "Timeproof" }));
    assert_eq!(public["user"]["name"], "ann@example.org");
    assert_eq!(public["user"]["id"], encode_base64url(&OWNER));
    let algorithms: Vec<i64> = public["pubKeyCredParams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["alg"].as_i64().unwrap())
        .collect();
    assert_eq!(algorithms, [-7, -257], "ES256 and RS256");
    assert_eq!(public["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(public["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(public["attestation"], "none");

    let mut device = SoftPasskey::new(HERE);
    let made = party.finish_registration(&begun.state, &device.create(&begun.options)).unwrap();

    // Without a name.
    let begun = party.begin_sign_in(&[]).unwrap();
    let options: Value = serde_json::from_str(&begun.options).unwrap();
    let public = &options["publicKey"];
    assert!(public["allowCredentials"].as_array().is_none_or(Vec::is_empty), "{public}");
    assert_eq!(public["userVerification"], "required");
    assert_eq!(public["rpId"], "time.example.com");
    let answer = device.sign(&begun.options);
    let claim = RelyingParty::claim_of(&answer).unwrap();
    assert_eq!((claim.id.clone(), claim.owner), (made.id.clone(), Some(OWNER)));
    let passkey = party.finish_sign_in(&begun.state, &made.passkey, &answer).unwrap();

    // For somebody who is known.
    let begun = party.begin_sign_in(std::slice::from_ref(&passkey)).unwrap();
    let options: Value = serde_json::from_str(&begun.options).unwrap();
    let allowed = &options["publicKey"]["allowCredentials"];
    assert_eq!(allowed[0]["id"], encode_base64url(&made.id));
    let answer = device.sign(&begun.options);
    party.finish_sign_in(&begun.state, &passkey, &answer).unwrap();
}

#[test]
fn what_is_kept_between_the_steps_names_nobody() {
    let (mut device, passkey) = enrolled(SoftPasskey::new(HERE));
    let known = [passkey.clone()];
    let begun = party().begin_registration(&Owner { passkeys: &known, ..ann() }).unwrap();
    let answer = device.sign(&party().begin_sign_in(&known).unwrap().options);
    let id = encode_base64url(&RelyingParty::claim_of(&answer).unwrap().id);
    assert!(begun.options.contains(&id), "{}", begun.options);
    let state = String::from_utf8(begun.state).unwrap();
    for word in ["ann@example.org", &id, &encode_base64url(&OWNER)] {
        assert!(!state.contains(word), "{word} in {state}");
    }
    let begun = party().begin_sign_in(&known).unwrap();
    let state = String::from_utf8(begun.state).unwrap();
    assert!(state.contains("\"credentials\":[]"), "{state}");
}

#[test]
fn a_device_makes_no_second_passkey_for_the_same_person() {
    let party = party();
    let mut device = SoftPasskey::new(HERE);
    let begun = party.begin_registration(&ann()).unwrap();
    let made = party.finish_registration(&begun.state, &device.create(&begun.options)).unwrap();
    let known = [made.passkey];
    let again = party.begin_registration(&Owner { passkeys: &known, ..ann() }).unwrap();
    assert!(device.try_create(&again.options).is_err());
}

#[test]
fn only_the_answer_to_this_question_makes_a_passkey() {
    let party = party();
    let begun = party.begin_registration(&ann()).unwrap();
    let answer = SoftPasskey::new(HERE).create(&begun.options);
    let refused = |state: &[u8], answer: &str| party.finish_registration(state, answer).err();
    let wrong = Some(PasskeyError::Wrong);

    let other = party.begin_registration(&ann()).unwrap();
    assert_eq!(refused(&other.state, &answer), wrong, "another challenge");
    for origin in ["https://time.example.com:8443", "https://evil.example", "http://localhost"] {
        let told = client_data(&answer, "origin", origin.into());
        assert_eq!(refused(&begun.state, &told), wrong, "{origin}");
    }
    let told = client_data(&answer, "type", "webauthn.get".into());
    assert_eq!(refused(&begun.state, &told), wrong, "another ceremony");
    let told = client_data(&answer, "crossOrigin", true.into());
    assert_eq!(refused(&begun.state, &told), wrong, "in a frame of another site");

    // Of another site.
    let elsewhere = RelyingParty::new("https://other.example.com").unwrap();
    let theirs = elsewhere.begin_registration(&ann()).unwrap();
    let challenge = |options: &str| -> Value {
        serde_json::from_str::<Value>(options).unwrap()["publicKey"]["challenge"].clone()
    };
    let ours = challenge(&begun.options);
    let asked = changed(&theirs.options, |options| options["publicKey"]["challenge"] = ours);
    let answer = SoftPasskey::new("https://other.example.com").create(&asked);
    let told = client_data(&answer, "origin", HERE.into());
    assert_eq!(refused(&begun.state, &told), wrong, "another relying party");

    // Without asking the person.
    let asked = changed(&begun.options, |options| {
        options["publicKey"]["authenticatorSelection"]["userVerification"] = "discouraged".into();
    });
    let answer = SoftPasskey::new(HERE).create(&asked);
    assert_eq!(refused(&begun.state, &answer), Some(PasskeyError::NotVerified));

    // With what we do not take.
    let begun = party.begin_registration(&ann()).unwrap();
    let asked = changed(&begun.options, |options| {
        options["publicKey"]["pubKeyCredParams"] = json!([{ "type": "public-key", "alg": -35 }]);
    });
    if let Ok(answer) = SoftPasskey::new(HERE).try_create(&asked) {
        assert_eq!(refused(&begun.state, &answer), wrong, "ES384");
    }
    assert_eq!(refused(b"{}", "{}"), Some(PasskeyError::Damaged));
    assert_eq!(refused(&begun.state, "{}"), Some(PasskeyError::Unreadable));
}

#[test]
fn only_the_right_answer_signs_in() {
    let party = party();
    let (mut device, passkey) = enrolled(SoftPasskey::new(HERE));
    let begun = party.begin_sign_in(&[]).unwrap();
    let answer = device.sign(&begun.options);
    let refused =
        |begun: &Begun, answer: &str| party.finish_sign_in(&begun.state, &passkey, answer).err();
    let wrong = Some(PasskeyError::Wrong);

    let later = party.begin_sign_in(&[]).unwrap();
    assert_eq!(refused(&later, &answer), wrong, "sent again, to another question");
    for origin in ["https://time.example.com:8443", "https://evil.example", "http://localhost"] {
        let told = client_data(&answer, "origin", origin.into());
        assert_eq!(refused(&begun, &told), wrong, "{origin}");
    }
    let told = client_data(&answer, "type", "webauthn.create".into());
    assert_eq!(refused(&begun, &told), wrong, "another ceremony");
    for part in ["signature", "authenticatorData"] {
        let told = changed(&answer, |answer| {
            let mut bytes = decode_base64url(answer["response"][part].as_str().unwrap()).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            answer["response"][part] = encode_base64url(&bytes).into();
        });
        assert_eq!(refused(&begun, &told), wrong, "{part}");
    }

    // Another person's passkey.
    let (mut other, _) = enrolled(SoftPasskey::new(HERE));
    let theirs = other.sign(&begun.options);
    assert_eq!(refused(&begun, &theirs), wrong);
    // Under the name of this one.
    let told = changed(&theirs, |theirs| {
        let own: Value = serde_json::from_str(&answer).unwrap();
        theirs["id"] = own["id"].clone();
        theirs["rawId"] = own["rawId"].clone();
    });
    assert_eq!(refused(&begun, &told), wrong);

    // Of another site: the browser would not let it, so the device is asked itself.
    let asked = changed(&begun.options, |options| {
        options["publicKey"]["rpId"] = "other.example.com".into();
    });
    let elsewhere = device.at("https://other.example.com").sign(&asked);
    let told = client_data(&elsewhere, "origin", HERE.into());
    assert_eq!(refused(&begun, &told), wrong, "another relying party");
    assert!(device.at("https://evil.example").try_sign(&begun.options).is_err());

    // Without asking the person.
    let asked = changed(&begun.options, |options| {
        options["publicKey"]["userVerification"] = "discouraged".into();
    });
    assert_eq!(refused(&begun, &device.sign(&asked)), Some(PasskeyError::NotVerified));
    assert_eq!(refused(&begun, &answer), None);
}

#[test]
fn a_counter_goes_forward() {
    let party = party();
    let (mut device, mut passkey) = enrolled(SoftPasskey::counting(HERE));
    let mut copy = device.clone();
    for _ in 0..3 {
        let begun = party.begin_sign_in(&[]).unwrap();
        let answer = device.sign(&begun.options);
        passkey = party.finish_sign_in(&begun.state, &passkey, &answer).unwrap();
    }
    // Whoever copied it earlier is behind, and so is the same answer once more.
    let begun = party.begin_sign_in(&[]).unwrap();
    let answer = copy.sign(&begun.options);
    let refused = party.finish_sign_in(&begun.state, &passkey, &answer);
    assert_eq!(refused, Err(PasskeyError::CounterBack));
    let begun = party.begin_sign_in(&[]).unwrap();
    let answer = device.sign(&begun.options);
    let passkey = party.finish_sign_in(&begun.state, &passkey, &answer).unwrap();
    let again = party.finish_sign_in(&begun.state, &passkey, &answer);
    assert_eq!(again, Err(PasskeyError::CounterBack));
    // Where the signature is wrong it says nothing about copies.
    let told = client_data(&answer, "challenge", encode_base64url(&[0; 32]).into());
    let wrong = party.finish_sign_in(&begun.state, &passkey, &told);
    assert_eq!(wrong, Err(PasskeyError::Wrong));
}

#[test]
fn an_answer_has_an_end() {
    let long = format!("{{\"id\":\"{}\"}}", "a".repeat(MOST_ANSWER_BYTES));
    assert_eq!(RelyingParty::claim_of(&long), Err(PasskeyError::Unreadable));
    let deep = "[".repeat(20_000);
    assert_eq!(RelyingParty::claim_of(&deep), Err(PasskeyError::Unreadable));
    let empty = json!({
        "id": "", "rawId": "", "type": "public-key",
        "response": { "authenticatorData": "", "clientDataJSON": "", "signature": "" },
    });
    assert_eq!(RelyingParty::claim_of(&empty.to_string()), Err(PasskeyError::Unreadable));
}

/// A step with its answer, to be bent.
struct Bent {
    party: RelyingParty,
    made: (Begun, String),
    signed: (Begun, String),
    passkey: String,
}

fn to_be_bent() -> Bent {
    let party = party();
    let mut device = SoftPasskey::counting(HERE);
    let begun = party.begin_registration(&ann()).unwrap();
    let answer = device.create(&begun.options);
    let passkey = party.finish_registration(&begun.state, &answer).unwrap().passkey;
    let asked = party.begin_sign_in(&[]).unwrap();
    let signed = device.sign(&asked.options);
    Bent { party, made: (begun, answer), signed: (asked, signed), passkey }
}

impl Bent {
    /// Nothing of it panics; whether anything was taken.
    fn is_taken(&self, made: &str, signed: &str) -> bool {
        let _ = RelyingParty::claim_of(signed);
        self.party.finish_registration(&self.made.0.state, made).is_ok()
            || self.party.finish_sign_in(&self.signed.0.state, &self.passkey, signed).is_ok()
    }
}

/// Parts of an answer that are bytes.
const PARTS: [&str; 5] =
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_cut_answer_is_none(at in 0_usize..4_000) {
        let bent = to_be_bent();
        let cut = |text: &str| text.chars().take(at.min(text.len() - 1)).collect::<String>();
        prop_assert!(!bent.is_taken(&cut(&bent.made.1), &cut(&bent.signed.1)));
    }

    #[test]
    fn bytes_cut_or_turned_are_never_taken_and_never_a_panic(
        part in 0_usize..PARTS.len(),
        at in 0_usize..400,
        turn in 0_u8..=255,
    ) {
        let bent = to_be_bent();
        let bend = |text: &str| changed(text, |answer| {
            let field = &mut answer["response"][PARTS[part]];
            let Some(bytes) = field.as_str().and_then(|text| decode_base64url(text).ok()) else {
                return;
            };
            let at = at % bytes.len().max(1);
            let mut bytes = bytes;
            if turn == 0 { bytes.truncate(at) } else { bytes[at] ^= turn }
            *field = encode_base64url(&bytes).into();
        });
        let (made, signed) = (bend(&bent.made.1), bend(&bent.signed.1));
        let _ = bent.is_taken(&made, &signed);
        // What is signed cannot be bent; what is only told (no attestation, the handle) is checked by
        // whoever looks the passkey up.
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let is_signed = ["clientDataJSON", "authenticatorData", "signature"].contains(&PARTS[part]);
        if is_signed && value(&signed) != value(&bent.signed.1) {
            let taken = bent.party.finish_sign_in(&bent.signed.0.state, &bent.passkey, &signed);
            prop_assert!(taken.is_err());
        }
    }

    #[test]
    fn hostile_json_is_refused(
        name in "(id|rawId|type|response|clientExtensionResults|extensions)",
        value in prop_oneof![
            Just(Value::Null), Just(json!([])), Just(json!({})), Just(json!(-1)),
            Just(json!(1e308)), Just(json!("\u{0}\u{fffd}=")), Just(json!({"appid": true})),
            Just(json!({"credProps": {"rk": "no"}})),
        ],
    ) {
        let bent = to_be_bent();
        let bend = |text: &str| changed(text, |answer| answer[name.as_str()] = value.clone());
        let _ = bent.is_taken(&bend(&bent.made.1), &bend(&bent.signed.1));
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,400}") {
        let bent = to_be_bent();
        prop_assert!(!bent.is_taken(&text, &text));
    }
}
