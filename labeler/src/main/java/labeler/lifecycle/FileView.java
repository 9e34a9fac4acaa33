package labeler.lifecycle;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.fileset.FileUse;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.openfiles.OpenMode;
import labeler.plan.Treatment;
import labeler.registry.HostName;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.Origin;

/**
 * A file of a VM as people and scripts see it.
 *
 * @param context its label; empty if it is not labelled
 * @param originalContext its earlier label; empty if it had none
 * @param reason for its treatment
 * @param disk the disk with which it joined the running VM; empty for one that the VM was started with
 * @param identity of a held file that is labelled or handed over; empty for others
 * @param handed the ways it was opened for qemu, one for each descriptor
 * @param parent the image whose header names it; empty for one that the definition names
 * @param otherHosts those that hold it as well, as they told last; none without a cluster
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
        List<OpenMode> handed,
        @LeftOut Optional<HostPath> parent,
        @LeftOut List<HostName> otherHosts) {
    /**
     * The same files, each with the one whose header names it. A file may have several; the first that is among these
     * counts.
     */
    public static List<FileView> withParents(List<FileView> files) {
        Map<String, HostPath> byHeader = new HashMap<>();
        files.forEach(file ->
                byHeader.putIfAbsent(Origin.ofHeader(file.path().printable()).text(), file.path()));
        return files.stream()
                .map(file -> file.uses().stream()
                        .flatMap(use ->
                                Optional.ofNullable(byHeader.get(use.origin().text())).stream())
                        .findFirst()
                        .map(file::below)
                        .orElse(file))
                .toList();
    }

    private FileView below(HostPath image) {
        return new FileView(
                path,
                treatment,
                context,
                originalContext,
                reason,
                uses,
                disk,
                identity,
                handed,
                Optional.of(image),
                otherHosts);
    }

    public FileView {
        uses = List.copyOf(uses);
        handed = List.copyOf(handed);
        otherHosts = List.copyOf(otherHosts);
    }
}
