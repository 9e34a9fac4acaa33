package labeler.cli;

import labeler.view.Terminal;

/** What a command works with: this machine, and where its results go. */
record Surroundings(Host host, Terminal terminal) {}
