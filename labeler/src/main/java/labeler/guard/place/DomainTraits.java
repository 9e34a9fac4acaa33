package labeler.guard.place;

/**
 * The facts about a domain of libvirt's that a service needs to take its guard over.
 *
 * @param isWhole whether there is no way around the guard
 * @param isLabelledByLibvirt whether libvirt labels the files that it takes while it runs
 */
public record DomainTraits(boolean isWhole, boolean isLabelledByLibvirt) {}
