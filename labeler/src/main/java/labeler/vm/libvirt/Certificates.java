package labeler.vm.libvirt;

import java.util.List;
import java.util.Optional;
import labeler.vm.FileRole;
import labeler.vm.KeyFiles;
import labeler.vm.UseAccess;

/**
 * The certificates of encrypted connections. libvirt names a directory of the host's, by its own settings; all VMs of
 * the host read the same files there, so none of them is one VM's secret.
 *
 * @param directories the first that has a file is the one
 */
record Certificates(List<String> directories) {
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
        required(place, KeyFiles.AUTHORITY);
        required(place, KeyFiles.SERVER);
        required(place, KeyFiles.SERVER_KEY);
        optional(place, KeyFiles.REVOKED, KeyFiles.PARAMETERS);
    }

    /** qemu is the client, which need not have a certificate of its own. */
    void ofClient(Place place) {
        required(place, KeyFiles.AUTHORITY);
        optional(place, KeyFiles.CLIENT, KeyFiles.CLIENT_KEY);
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

    /** The data base of a smart card that qemu plays, in the present form of its library and the one before. */
    static void ofCard(Place place, String directory) {
        new Certificates(List.of(directory)).optional(place, KeyFiles.CARD.toArray(String[]::new));
    }
}
