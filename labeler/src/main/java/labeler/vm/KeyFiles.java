package labeler.vm;

import java.util.List;
import java.util.Set;

/** Names of keys and certificates that programs take from a directory: qemu's (crypto/tlscredsx509.c), spice's, NSS's. */
public final class KeyFiles {
    /** The certificates of all VMs of a host, for libvirt and for qemu. */
    public static final String COMMON_DIRECTORY = "/etc/pki/qemu";

    /** The database of an emulated smartcard that has none of its own. */
    public static final String CARD_DIRECTORY = "/etc/pki/nssdb";

    /** It lets its reader use the host's braille display. */
    public static final String BRAILLE = "/etc/brlapi.key";

    /** The files of an NSS database, in its present form and the one before. */
    public static final List<String> CARD =
            List.of("pkcs11.txt", "cert9.db", "key4.db", "secmod.db", "cert8.db", "key3.db");

    /** Those of them that hold private keys. */
    private static final Set<String> CARD_KEYS = Set.of("key4.db", "key3.db");

    public static final String AUTHORITY = "ca-cert.pem";
    public static final String REVOKED = "ca-crl.pem";
    public static final String SERVER = "server-cert.pem";
    public static final String SERVER_KEY = "server-key.pem";
    public static final String CLIENT = "client-cert.pem";
    public static final String CLIENT_KEY = "client-key.pem";
    public static final String PARAMETERS = "dh-params.pem";

    private KeyFiles() {}

    /** The role of a file of an NSS database: a private key is one VM's alone. */
    public static FileRole roleInCard(String name) {
        return CARD_KEYS.contains(name) ? FileRole.SECRET : FileRole.CONFIGURATION;
    }
}
