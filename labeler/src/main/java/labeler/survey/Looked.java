package labeler.survey;

/**
 * How much was looked at.
 *
 * @param running qemu processes
 * @param defined domains of libvirt's that do not run
 * @param files below the directories
 * @param images among them that have a header, and those of VMs
 */
public record Looked(int running, int defined, long files, long images) {}
