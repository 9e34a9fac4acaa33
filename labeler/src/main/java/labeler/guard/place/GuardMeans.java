package labeler.guard.place;

import labeler.guard.relay.Judges;
import labeler.guard.relay.Relays;
import labeler.linux.Processes;
import labeler.linux.UnixSockets;

/** The means that all guarded VMs share. */
record GuardMeans(
        RealMonitors monitors,
        ClientRules rules,
        UnixSockets sockets,
        Relays relays,
        Judges judges,
        Processes processes) {}
