package labeler.vm.libvirt;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * An administrator's declarations about a disk or a layer below it. In the XML of a domain that starts, libvirt adds
 * the chains that it has found in headers. Only the persistent definition distinguishes these from declared ones.
 *
 * @param asWritten whether everything is declared: the XML is an administrator's
 * @param persistent otherwise the same disk, or layer, in the persistent definition; empty if it has none
 */
record Declarations(boolean asWritten, Optional<XmlElement> persistent) {
    /** For an administrator's XML. */
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

    /** The same for the layer below. A layer whose source differs from the persistent definition is not declared. */
    Declarations below(XmlElement layer) {
        return new Declarations(
                asWritten,
                persistent.flatMap(disk -> disk.child("backingStore")).filter(declared -> isSame(declared, layer)));
    }

    /**
     * Whether libvirt starts the domain without this disk or device if it is not there: {@code optional} always,
     * {@code requisite} where the VM comes from another host or from a saved state.
     */
    static boolean mayBeMissing(XmlElement layer) {
        return layer.value("source@startupPolicy").equals(Optional.of("optional"));
    }

    /** Whether both name the same file or network disk. */
    static boolean isSame(XmlElement one, XmlElement other) {
        return Stream.of("source@file", "source@dev", "source@protocol", "source@name")
                .allMatch(path -> one.value(path).equals(other.value(path)));
    }
}
