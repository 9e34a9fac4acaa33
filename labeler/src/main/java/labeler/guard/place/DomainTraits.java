package labeler.guard.place;

/**
 * What a service has to know of a domain of libvirt's whose guard it takes over.
 *
 * @param isWhole whether there is no way around the guard
 * @param isLabelledByLibvirt whether libvirt labels the files that it takes while it runs
 */
public record DomainTraits(boolean isWhole, boolean isLabelledByLibvirt) {}
