package labeler.config;

/**
 * The domains of this host's libvirt.
 *
 * @param follow whether the files that a running domain takes and leaves are followed
 */
public record LibvirtConfig(boolean follow) {
    public static final LibvirtConfig DEFAULT = new LibvirtConfig(true);
}
