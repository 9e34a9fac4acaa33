package labeler.vm.libvirt;

import java.util.Optional;
import labeler.vm.DefinitionBuilder;

/**
 * One domain XML while it is being read.
 *
 * @param root the whole XML
 * @param persistent for the XML of a domain that starts: the disks of its persistent definition, which may be none;
 *     empty for an administrator's XML
 * @param host on which it is to run
 */
record Domain(DefinitionBuilder out, XmlElement root, Optional<PersistentDisks> persistent, HostFacts host) {
    /** The directory in which libvirt makes one for each domain that runs. */
    static final String DIRECTORIES = "/var/lib/libvirt/qemu";

    /** libvirt takes so many characters of a domain's name into the names of directories. */
    private static final int SHORT_NAME = 20;

    Place at(String where) {
        return new Place(out, where);
    }

    /** Empty if it has none. */
    String uuid() {
        return root.value("uuid").orElse("");
    }

    /** Empty if it has none. */
    String name() {
        return root.value("name").orElse("");
    }

    /** The name of the domain's own directories; libvirt gives the number in it at the start. */
    Optional<String> shortName() {
        return root.value("@id").filter(id -> id.matches("[0-9]{1,9}")).map(id -> {
            int length = name().offsetByCodePoints(0, Math.min(SHORT_NAME, name().codePointCount(0, name().length())));
            return id + "-" + name().substring(0, length);
        });
    }

    /** Whether libvirt labels none of its files, and labeler does. */
    boolean isLabelledHere() {
        return ProcessLabel.leavesFiles(root.all("seclabel"))
                || settings().text("security_driver").equals(Optional.of("none"));
    }

    /** Its own directory, if it starts or runs and nobody but labeler labels what libvirt writes there. */
    Optional<String> directoryLabelledHere() {
        return shortName()
                .filter(_ -> persistent.isPresent() && isLabelledHere())
                .map(name -> DIRECTORIES + "/domain-" + name);
    }

    LibvirtSettings settings() {
        return host.settings();
    }

    /** The declarations about a disk. */
    Declarations declared(XmlElement disk) {
        return persistent
                .map(disks -> new Declarations(false, disks.same(disk)))
                .orElse(Declarations.AS_WRITTEN);
    }
}
