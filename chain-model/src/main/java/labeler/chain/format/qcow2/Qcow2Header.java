package labeler.chain.format.qcow2;

import java.util.Set;

/**
 * A header whose every field lies within the format's limits.
 *
 * @param extensionsStart where the header extensions begin
 * @param extensionsEnd where they must end: at the backing name, or with the cluster if there is none
 * @param backingOffset of the backing name, 0 for none
 * @param backingSize of the backing name, bytes
 * @param virtualSize of the disk, bytes
 */
record Qcow2Header(
        int extensionsStart,
        int extensionsEnd,
        int backingOffset,
        int backingSize,
        long virtualSize,
        Encryption encryption,
        Set<Feature> features) {
    enum Encryption {
        NONE,
        AES,
        LUKS
    }

    enum Feature {
        DIRTY,
        CORRUPT,
        EXTERNAL_DATA,
        RAW_EXTERNAL_DATA
    }

    Qcow2Header {
        features = Set.copyOf(features);
    }
}
