package labeler.vm.libvirt;

import java.util.Optional;
import labeler.vm.DefinitionBuilder;

/**
 * One domain XML while it is being read.
 *
 * @param uuid of the domain, empty where it has none
 * @param persistent where the XML is of a domain that starts: the definition that it has beside, an empty domain if none;
 *     empty where the XML is an administrator's
 */
record Domain(DefinitionBuilder out, String uuid, Optional<XmlElement> persistent) {
    Place at(String where) {
        return new Place(out, where);
    }

    /** What is declared of a disk. */
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
