package labeler.vm.libvirt;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The disks of a persistent definition.
 *
 * @param byTarget each by its name in the guest, which libvirt gives to one disk alone
 */
record PersistentDisks(Map<String, XmlElement> byTarget) {
    PersistentDisks {
        byTarget = Map.copyOf(byTarget);
    }

    /** @param domain the root of the definition */
    static PersistentDisks of(XmlElement domain) {
        Map<String, XmlElement> disks = new HashMap<>();
        domain.child("devices")
                .ifPresent(devices -> devices.all("disk")
                        .forEach(disk -> disk.value("target@dev").ifPresent(name -> disks.putIfAbsent(name, disk))));
        return new PersistentDisks(disks);
    }

    /** The same disk: of the same name, with the same source. */
    Optional<XmlElement> same(XmlElement disk) {
        return disk.value("target@dev").map(byTarget::get).filter(other -> Declarations.isSame(other, disk));
    }
}
