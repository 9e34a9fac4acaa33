package labeler.cli;

import labeler.host.Host;
import labeler.view.Terminal;

/** What a command works with: this machine, and where its results go. */
record Surroundings(Host host, Terminal terminal) {}
