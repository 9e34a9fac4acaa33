package labeler.vm.libvirt;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an administrator has declared of a disk or a layer below it. In the XML of a domain that starts libvirt writes out
 * chains that it has found by looking at headers; only the persistent definition tells them from declared ones.
 *
 * @param asWritten all that is written: the XML is an administrator's
 * @param persistent otherwise the same disk, or layer, in the persistent definition; empty where that has none
 */
record Declarations(boolean asWritten, Optional<XmlElement> persistent) {
    /** Of an administrator's XML. */
    static final Declarations AS_WRITTEN = new Declarations(true, Optional.empty());

    /** Whether a child of the disk that describes files below it is declared. */
    boolean has(String child) {
        return asWritten || persistent.filter(disk -> hasContent(disk, child)).isPresent();
    }

    private static boolean hasContent(XmlElement disk, String child) {
        return Stream.concat(
                        disk.child(child).stream(),
                        disk.child("source").flatMap(source -> source.child(child)).stream())
                .anyMatch(element -> !element.isEmpty());
    }

    /** Whether this layer is declared to be the one below. */
    boolean declares(XmlElement layer) {
        return asWritten || below(layer).persistent.isPresent();
    }

    /** The same for the layer below; one with another source than the persistent definition has is not declared. */
    Declarations below(XmlElement layer) {
        return new Declarations(
                asWritten,
                persistent.flatMap(disk -> disk.child("backingStore")).filter(declared -> isSame(declared, layer)));
    }

    /** Whether both name the same file or network disk. */
    static boolean isSame(XmlElement one, XmlElement other) {
        return Stream.of("source@file", "source@dev", "source@protocol", "source@name")
                .allMatch(path -> one.value(path).equals(other.value(path)));
    }
}
