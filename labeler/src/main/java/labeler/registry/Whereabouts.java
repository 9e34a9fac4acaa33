package labeler.registry;

import labeler.selinux.CategoryPair;

/** The host on which a VM runs, and the pair that it has there. */
public record Whereabouts(HostName host, CategoryPair pair) {}
