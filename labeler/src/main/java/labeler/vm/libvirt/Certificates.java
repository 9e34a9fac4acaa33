package labeler.vm.libvirt;

import java.util.List;
import java.util.Optional;
import labeler.vm.FileRole;
import labeler.vm.KeyFiles;
import labeler.vm.UseAccess;

/**
 * The certificates of encrypted connections, and of smart cards. For connections libvirt names a directory of the
 * host's, by its own settings; all VMs of the host read the same files there, so none of them is one VM's secret. libvirt
 * labels none of them, wherever they are, and neither does labeler: a key with the label of content could be read by
 * every VM.
 *
 * @param directories the first that has a file is the one
 */
record Certificates(List<String> directories) {
    private static final String OF_HOST = "is the host's own, for all its VMs; the policy says who may read it";

    /** libvirt lets two domains name the same one. */
    private static final String IN_LABELLED_DIRECTORY =
            "belongs to a data base that the domain names, of which libvirt labels the directory alone; the policy says"
                    + " who may read it";

    /**
     * @param kind {@code chardev}, {@code vnc}, …, as in libvirt's settings
     * @param own the directory of that kind, which libvirt takes if it is there
     */
    static Certificates of(Domain domain, String kind, String own) {
        LibvirtSettings settings = domain.settings();
        Optional<String> chosen = settings.text(kind + "_tls_x509_cert_dir");
        String common = settings.text("default_tls_x509_cert_dir").orElse(KeyFiles.COMMON_DIRECTORY);
        return new Certificates(chosen.map(List::of).orElse(List.of(own, common)));
    }

    /** qemu is the server. */
    void ofServer(Place place) {
        Place keys = place.keptBelow("keys", OF_HOST);
        required(keys, KeyFiles.AUTHORITY);
        required(keys, KeyFiles.SERVER);
        required(keys, KeyFiles.SERVER_KEY);
        optional(keys, KeyFiles.REVOKED, KeyFiles.PARAMETERS);
    }

    /** qemu is the client, which need not have a certificate of its own. */
    void ofClient(Place place) {
        Place keys = place.keptBelow("keys", OF_HOST);
        required(keys, KeyFiles.AUTHORITY);
        optional(keys, KeyFiles.CLIENT, KeyFiles.CLIENT_KEY);
    }

    private void required(Place place, String name) {
        place.searched(
                FileRole.CONFIGURATION,
                directories.stream().map(directory -> directory + "/" + name).toList(),
                UseAccess.READ_ONLY);
    }

    private void optional(Place place, String... names) {
        for (String directory : directories) {
            for (String name : names) {
                place.optional(FileRole.CONFIGURATION, directory + "/" + name, UseAccess.READ_ONLY);
            }
        }
    }

    /**
     * The data base of a smart card that qemu plays, in the present form of its library and the one before.
     *
     * @param named the directory of one that is the domain's own; empty for that of all cards
     * @param isLabelledHere whether nobody but labeler labels the domain's files
     */
    static void ofCard(Place place, Optional<String> named, boolean isLabelledHere) {
        String directory = named.orElse(KeyFiles.CARD_DIRECTORY);
        Place keys = named.isPresent() && isLabelledHere
                ? place.below("keys")
                : place.keptBelow("keys", named.isPresent() ? IN_LABELLED_DIRECTORY : OF_HOST);
        for (String name : KeyFiles.CARD) {
            keys.optional(KeyFiles.roleInCard(name), directory + "/" + name, UseAccess.READ_ONLY);
        }
    }
}
