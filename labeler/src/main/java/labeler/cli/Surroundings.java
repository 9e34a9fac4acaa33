package labeler.cli;

import labeler.host.Host;
import labeler.view.Terminal;

/** The machine that a command works on, and the terminal for its results. */
record Surroundings(Host host, Terminal terminal) {}
