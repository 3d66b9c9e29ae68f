//! Room for connections: so many in all, and of one network a part of them.
//!
//! Who finds no room is hung up on at once. Waiting would take a descriptor too, and nobody could say
//! for how long.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use ipnet::IpNet;

use super::network;

/// Who may have a connection.
pub(super) struct Room {
    most: usize,
    most_of_one: usize,
    /// The proxies, which bring the connections of everybody.
    proxies: Vec<IpNet>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
    /// Whether the log has been told that there is no room, since there last was.
    is_told: bool,
}

/// A connection's place, free again when this is dropped.
pub(super) struct Seat {
    room: Arc<Room>,
    network: Option<IpAddr>,
}

impl Room {
    pub(super) fn new(most: usize, most_of_one: usize, proxies: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { most, most_of_one, proxies, taken: Mutex::default() })
    }

    /// A place for a connection from this address, if there is one.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let network = network(Some(address)).filter(|_| self.is_counted(address.to_canonical()));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = network.and_then(|network| taken.by_network.get(&network).copied());
        if of_one.is_some_and(|count| count >= self.most_of_one) {
            return None;
        }
        if taken.all >= self.most {
            if !std::mem::replace(&mut taken.is_told, true) {
                tracing::warn!(connections = self.most, "no room for further connections");
            }
            return None;
        }
        taken.all += 1;
        if let Some(network) = network {
            *taken.by_network.entry(network).or_default() += 1;
        }
        Some(Seat { room: Arc::clone(self), network })
    }

    /// This machine and the proxies may bring everybody.
    fn is_counted(&self, address: IpAddr) -> bool {
        !address.is_loopback() && !self.proxies.iter().any(|network| network.contains(&address))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        // Told again only after it was half empty: a line for each who comes and goes says nothing.
        if taken.all <= self.room.most / 2 {
            taken.is_told = false;
        }
        if let Some(network) = self.network
            && let Some(count) = taken.by_network.get_mut(&network)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_network.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_takes_a_part_of_the_room_and_gives_it_back() {
        let room = Room::new(6, 2, vec!["10.0.0.0/8".parse().unwrap()]);
        let take = |address: &str| room.take(address.parse().unwrap());
        // A /64 is one network, and so is an IPv4 address in either form.
        let first = [take("2001:db8:1:2::1"), take("2001:db8:1:2::2")];
        assert!(first.iter().all(Option::is_some));
        assert!(take("2001:db8:1:2:ffff::3").is_none());
        let second = [take("203.0.113.9"), take("::ffff:203.0.113.9")];
        assert!(second.iter().all(Option::is_some) && take("203.0.113.9").is_none());
        drop(first);
        assert_eq!(room.taken.lock().unwrap().by_network.len(), 1);
        // Whoever brings others is not held to it.
        let brought = ["10.1.2.3", "10.1.2.3", "127.0.0.1", "127.0.0.1"].map(take);
        assert!(brought.iter().all(Option::is_some));
        assert!(take("198.51.100.1").is_none() && take("127.0.0.1").is_none(), "it is full");
        drop(brought);
        assert!(take("198.51.100.1").is_some() && take("203.0.113.9").is_none());
        drop(second);
        assert_eq!(room.taken.lock().unwrap().all, 0);
    }
}
