package labeler.vm.libvirt;

import java.util.List;
import java.util.Optional;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;

/**
 * The certificates of encrypted connections. libvirt names a directory of the host's, by its own settings; all VMs of
 * the host read the same files there, so none of them is one VM's secret.
 *
 * @param directories the first that has a file is the one
 */
record Certificates(List<String> directories) {
    private static final String DEFAULT = "/etc/pki/qemu";

    private static final List<String> CARD =
            List.of("pkcs11.txt", "cert9.db", "key4.db", "secmod.db", "cert8.db", "key3.db");

    /**
     * @param kind {@code chardev}, {@code vnc}, …, as in libvirt's settings
     * @param own the directory of that kind, which libvirt takes if it is there
     */
    static Certificates of(Domain domain, String kind, String own) {
        LibvirtSettings settings = domain.settings();
        Optional<String> chosen = settings.text(kind + "_tls_x509_cert_dir");
        String common = settings.text("default_tls_x509_cert_dir").orElse(DEFAULT);
        return new Certificates(chosen.map(List::of).orElse(List.of(own, common)));
    }

    /** qemu is the server. */
    void ofServer(Place place) {
        required(place, "ca-cert.pem");
        required(place, "server-cert.pem");
        required(place, "server-key.pem");
        for (String directory : directories) {
            place.optional(FileRole.CONFIGURATION, directory + "/ca-crl.pem", UseAccess.READ_ONLY);
            place.optional(FileRole.CONFIGURATION, directory + "/dh-params.pem", UseAccess.READ_ONLY);
        }
    }

    /** qemu is the client, which need not have a certificate of its own. */
    void ofClient(Place place) {
        required(place, "ca-cert.pem");
        for (String directory : directories) {
            place.optional(FileRole.CONFIGURATION, directory + "/client-cert.pem", UseAccess.READ_ONLY);
            place.optional(FileRole.CONFIGURATION, directory + "/client-key.pem", UseAccess.READ_ONLY);
        }
    }

    private void required(Place place, String name) {
        place.searched(
                FileRole.CONFIGURATION,
                directories.stream().map(directory -> directory + "/" + name).toList(),
                UseAccess.READ_ONLY);
    }

    /** The data base of a smart card that qemu plays, in the present form of its library and the one before. */
    static void ofCard(Place place, String directory) {
        for (String name : CARD) {
            place.optional(FileRole.CONFIGURATION, directory + "/" + name, UseAccess.READ_ONLY);
        }
    }
}
