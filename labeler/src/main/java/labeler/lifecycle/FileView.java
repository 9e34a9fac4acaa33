package labeler.lifecycle;

import java.util.List;
import java.util.Optional;
import labeler.descriptors.OpenMode;
import labeler.fileset.FileUse;
import labeler.json.Inlined;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * A file of a VM as people and scripts see it.
 *
 * @param context what it is labelled with; empty if it is not labelled
 * @param originalContext what it had before; empty if it had no label
 * @param reason why it is treated so
 * @param disk with which it joined the running VM; empty for one that the VM was started with
 * @param identity of a held file that is labelled or handed over; empty for others
 * @param handed how it was opened for qemu, a descriptor each
 */
public record FileView(
        HostPath path,
        Treatment treatment,
        Optional<SecurityContext> context,
        Optional<StoredLabel> originalContext,
        String reason,
        List<FileUse> uses,
        Optional<String> disk,
        @Inlined Optional<FileIdentity> identity,
        List<OpenMode> handed) {
    public FileView {
        uses = List.copyOf(uses);
        handed = List.copyOf(handed);
    }
}
