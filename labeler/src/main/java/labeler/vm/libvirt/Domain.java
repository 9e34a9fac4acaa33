package labeler.vm.libvirt;

import java.util.Optional;
import labeler.vm.DefinitionBuilder;

/**
 * One domain XML while it is being read.
 *
 * @param uuid of the domain, empty if it has none
 * @param persistent for the XML of a domain that starts: its persistent definition, or an empty domain if it has none;
 *     empty for an administrator's XML
 */
record Domain(DefinitionBuilder out, String uuid, Optional<XmlElement> persistent) {
    Place at(String where) {
        return new Place(out, where);
    }

    /** The declarations about a disk. */
    Declarations declared(XmlElement disk) {
        if (persistent.isEmpty()) {
            return Declarations.AS_WRITTEN;
        }
        Optional<String> target = disk.value("target@dev");
        return new Declarations(
                false,
                persistent.get().child("devices").stream()
                        .flatMap(devices -> devices.all("disk").stream())
                        .filter(other -> target.isPresent()
                                && other.value("target@dev").equals(target)
                                && Declarations.isSame(other, disk))
                        .findFirst());
    }
}
