//! Support access in an export made by hand.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::fixture::{Fixture, SECOND, To, instant};

impl Fixture {
    /// What support asked for: given to it and ended, refused, and waiting for its day without an owner.
    pub(super) fn add_support(&mut self) {
        let (given, refused, alone) = (self.id(), self.id(), self.id());
        let member = self.member;
        for (id, state) in [(given, "given"), (refused, "refused"), (alone, "alone")] {
            let mut row = self.ask_support(id, state == "alone");
            let mut set = |column: &str, value: Json| row[column] = value;
            match state {
                "given" => {
                    let ends = self.now() + 600 * SECOND;
                    let facts = [("minutes", To::Int(10)), ("ends_at", To::Int(ends))];
                    let at = self.record("support.granted", "support", id, &facts);
                    set("granted_at", json!(instant(at)));
                    set("granted_by", json!(member));
                    set("minutes", json!(10));
                    set("ends_at", json!(instant(ends)));
                    let at = self.record("support.opened", "support", id, &[]);
                    set("opened_at", json!(instant(at)));
                    let at = self.record("support.opened", "support", id, &[]);
                    set("used_at", json!(instant(at)));
                    let facts = [
                        ("ended_by", To::Word("operator".to_owned())),
                        ("operator", To::Text("Theo".to_owned())),
                    ];
                    let at = self.record("support.ended", "support", id, &facts);
                    set("ended_at", json!(instant(at)));
                    set("ended_by", json!("operator"));
                }
                "refused" => {
                    let at = self.record("support.refused", "support", id, &[]);
                    set("refused_at", json!(instant(at)));
                    set("refused_by", json!(member));
                }
                _ => self.wait_a_day(id, &mut set),
            }
            self.row("support_requests", row);
        }
    }

    fn ask_support(&mut self, id: Uuid, without_owner: bool) -> Json {
        let facts = [
            ("operator", To::Text("Mara".to_owned())),
            ("reason", To::Text("The report is wrong".to_owned())),
            ("ticket", To::Text("HELP-7".to_owned())),
            ("areas", To::Word("time,reports".to_owned())),
            ("minutes", To::Int(30)),
            ("may_write", To::Int(0)),
            ("without_owner", To::Int(i64::from(without_owner))),
        ];
        let at = self.record("support.asked", "support", id, &facts);
        let operator = self.act_as("operator");
        json!({"id": id, "operator_id": operator, "operator": "Mara",
               "reason": "The report is wrong", "ticket": "HELP-7", "areas": 3, "minutes": 30,
               "may_write": false, "without_owner": without_owner, "asked_at": instant(at),
               "lapses_at": instant(at + 604_800 * SECOND), "confirmed_at": null,
               "confirmer_id": null, "confirmer": null, "opens_at": null, "granted_at": null,
               "granted_by": null, "ends_at": null, "opened_at": null, "used_at": null,
               "refused_at": null, "refused_by": null, "ended_at": null, "ended_by": null})
    }

    fn wait_a_day(&mut self, id: Uuid, set: &mut impl FnMut(&str, Json)) {
        let opens = self.now() + 86_400 * SECOND;
        let facts = [("operator", To::Text("Theo".to_owned())), ("opens_at", To::Int(opens))];
        let at = self.record("support.confirmed", "support", id, &facts);
        set("confirmed_at", json!(instant(at)));
        set("confirmer_id", json!(self.act_as("operator")));
        set("confirmer", json!("Theo"));
        set("opens_at", json!(instant(opens)));
        let ends = self.now() + 1800 * SECOND;
        let facts = [("without_owner", To::Int(1)), ("ends_at", To::Int(ends))];
        let at = self.record("support.granted", "support", id, &facts);
        self.act_as("support");
        set("granted_at", json!(instant(at)));
        set("ends_at", json!(instant(ends)));
    }

    /// Somebody else than the owner did the last of it.
    fn act_as(&mut self, kind: &str) -> Uuid {
        let id = self.id();
        let event = &mut self.leaves.last_mut().unwrap().event;
        kind.clone_into(&mut event.actor_kind);
        event.actor = Some(id.into_bytes());
        id
    }
}
