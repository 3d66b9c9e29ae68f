//! What the machine gives: the time, random bytes, and waiting. Everything else gets them handed in.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

/// The clock and the source of ids.
pub(crate) trait Machine {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Ten bytes that nobody can foresee.
    fn random(&self) -> [u8; 10];

    /// Waits.
    fn sleep(&self, duration: Duration);

    /// A new id.
    fn new_id(&self) -> Uuid {
        domain::ids::uuid_v7(self.now(), self.random())
    }
}

/// The machine the program runs on.
pub(crate) struct ThisMachine {
    random: &'static dyn rustls::crypto::SecureRandom,
}

impl ThisMachine {
    /// Takes randomness from the provider of TLS, which is the process's only one.
    ///
    /// Errors: there is none, or it has no randomness.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let provider = rustls::crypto::CryptoProvider::get_default()
            .ok_or_else(|| anyhow::anyhow!("no provider of cryptography"))?;
        let machine = Self { random: provider.secure_random };
        let mut probe = [0; 10];
        machine
            .random
            .fill(&mut probe)
            .map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
        Ok(machine)
    }
}

impl Machine for ThisMachine {
    #[expect(clippy::disallowed_methods, reason = "the entry point of time into this program")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        // `new` has seen it work; were it to stop, the time alone would still tell ids apart
        // unless two are made in the same millisecond, and the server refuses an id that is taken.
        let _ = self.random.fill(&mut bytes);
        bytes
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}
