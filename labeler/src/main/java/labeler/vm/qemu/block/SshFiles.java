package labeler.vm.qemu.block;

import labeler.linux.HostPath;
import labeler.vm.DeclaredUse.OptionalUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.LabelWishes.Kept;
import labeler.vm.LabelWishes.WithParts;
import labeler.vm.NameTable;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/**
 * The files of the host that ssh's library in qemu reads, whatever the options say. It reads the same in the home of
 * qemu's user, and keys there; the environment names that home, so nothing here does.
 */
final class SshFiles {
    private static final String DIRECTORY = "/etc/ssh/";

    private SshFiles() {}

    static void byDefault(Origin origin, DefinitionBuilder out) {
        for (String name : NameTable.inOrder("ssh_config ssh_known_hosts")) {
            Origin own = new Origin(origin + "/" + name);
            out.kept(new Kept(
                    own,
                    new WithParts(),
                    "is ssh's for the whole host, and the policy says who may read it; qemu's library looks there for"
                            + " each disk of ssh"));
            out.use(new OptionalUse(own, FileRole.CONFIGURATION, HostPath.of(DIRECTORY + name), UseAccess.READ_ONLY));
        }
    }
}
