//! Starting programs: with the output passed on, kept, or both.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How a program ended, and what it said on both its streams, in order.
pub(crate) struct Ended {
    pub(crate) success: bool,
    pub(crate) output: String,
}

/// A leaked grandchild may keep the pipe open for ever; its parent is waited for, it is not.
const AFTER_EXIT: Duration = Duration::from_secs(5);

/// Runs a program, passing its output on line by line and keeping it as well.
pub(crate) fn tee(command: &mut Command) -> Result<Ended> {
    let shown = shown(command);
    println!("$ {shown}");
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let child = command.spawn();
    // The command holds our ends of the pipe: without them the reader sees the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = child.with_context(|| format!("cannot start: {shown}"))?;

    let (sender, lines) = mpsc::channel::<Vec<u8>>();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            // Printing goes on even when the other side has stopped to listen.
            drop(std::io::stdout().write_all(&line));
            drop(sender.send(std::mem::take(&mut line)));
        }
    });
    let status = child.wait().with_context(|| format!("cannot wait for: {shown}"))?;
    let mut output = Vec::new();
    while let Ok(line) = lines.recv_timeout(AFTER_EXIT) {
        output.extend(line);
    }
    Ok(Ended { success: status.success(), output: String::from_utf8_lossy(&output).into_owned() })
}

/// Runs a program with its output passed on; an error when it fails.
pub(crate) fn passing(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("$ {shown}");
    let status =
        command.stdin(Stdio::null()).status().with_context(|| format!("cannot start: {shown}"))?;
    if !status.success() {
        bail!("failed ({status}): {shown}");
    }
    Ok(())
}

/// What a program prints on its standard output; `None` when it is absent or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tee_keeps_both_streams_and_the_verdict() {
        let ended = tee(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert!(!ended.success);
        assert_eq!(ended.output, "out\nerr\n");
    }

    #[test]
    fn a_missing_program_is_an_error_not_a_pass() {
        assert!(tee(&mut Command::new("/no/such/program")).is_err());
        assert!(passing(&mut Command::new("/no/such/program")).is_err());
        assert_eq!(answer(&mut Command::new("/no/such/program")), None);
    }
}
