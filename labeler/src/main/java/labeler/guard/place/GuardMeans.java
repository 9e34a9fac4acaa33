package labeler.guard.place;

import labeler.guard.relay.Judges;
import labeler.guard.relay.Relays;
import labeler.linux.Processes;
import labeler.linux.UnixSockets;

/** What all guarded VMs have in common. */
record GuardMeans(
        RealMonitors monitors,
        ClientRules rules,
        UnixSockets sockets,
        Relays relays,
        Judges judges,
        Processes processes) {}
