package labeler.guard.place;

import labeler.guard.relay.Judges;
import labeler.guard.relay.Relays;
import labeler.linux.Linux;

/** The means that all guarded VMs share. */
record GuardMeans(RealMonitors monitors, ClientRules rules, Linux linux, Relays relays, Judges judges) {}
