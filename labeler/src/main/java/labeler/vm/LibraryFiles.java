package labeler.vm;

import labeler.linux.HostPath;
import labeler.vm.DeclaredUse.OptionalUse;
import labeler.vm.LabelWishes.Kept;
import labeler.vm.LabelWishes.WithParts;

/** The files of the host that libraries in qemu read for a remote disk, although no definition names them. */
public final class LibraryFiles {
    private static final HostPath CEPH = HostPath.of("/etc/ceph/ceph.conf");

    private static final HostPath SSH = HostPath.of("/etc/ssh");

    private LibraryFiles() {}

    /** Where no settings are named, Ceph's library looks for the host's. */
    public static void ofCeph(Origin origin, DefinitionBuilder out) {
        kept(
                new Origin(origin + "/ceph.conf"),
                CEPH,
                "holds Ceph's settings for the whole host, and the policy says who may"
                        + " read it; qemu's library looks there where no conf is named",
                out);
    }

    /**
     * ssh's library reads these, whatever the options say. It reads the same in the home of qemu's user, and keys there; the
     * environment names that home, so nothing here does.
     */
    public static void ofSsh(Origin origin, DefinitionBuilder out) {
        for (String name : NameTable.inOrder("ssh_config ssh_known_hosts")) {
            kept(
                    new Origin(origin + "/" + name),
                    SSH.child(name),
                    "is ssh's for the whole host, and the policy says who may read it; qemu's library looks there for"
                            + " each disk of ssh",
                    out);
        }
    }

    private static void kept(Origin origin, HostPath path, String reason, DefinitionBuilder out) {
        out.kept(new Kept(origin, new WithParts(), reason));
        out.use(new OptionalUse(origin, FileRole.CONFIGURATION, path, UseAccess.READ_ONLY));
    }
}
