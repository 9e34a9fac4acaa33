package labeler.lifecycle.acquisition;

import jakarta.inject.Inject;
import java.util.Optional;
import labeler.apply.Labels;
import labeler.leftover.DirectoryPolicy;
import labeler.leftover.LeftoverRepair;
import labeler.lifecycle.hold.BootTime;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;

/** The labels that files had before libvirt labelled them, when they are first seen with libvirt's label. */
record Originals(Linux linux, Labels labels, VirtualContexts contexts, LeftoverRepair leftovers, BootTime boot) {
    @Inject
    Originals {}

    /**
     * A file that has a VM's label already.
     *
     * @param remembered by libvirt, in this boot: it drops what it remembers of an earlier one itself
     * @param byThePolicy the label of a new file beside it; looked for only if the file is known to be labelled by libvirt
     */
    record Labelled(Optional<StoredLabel> remembered, Optional<StoredLabel> byThePolicy) {}

    /**
     * Looks at one file, without the lock. Empty if its present label is none that VMs' files get, and is its own.
     *
     * @param isLibvirts whether libvirt has labelled it for the VM that takes it
     */
    Optional<Labelled> look(OpenedFile file, boolean isLibvirts) throws LinuxException {
        if (label(file).filter(this::isOfVms).isEmpty()) {
            return Optional.empty();
        }
        Optional<StoredLabel> remembered = labels.rememberedByLibvirt(file)
                .filter(memory -> memory.boot().filter(boot::isThis).isPresent())
                .map(Labels.Remembered::label)
                .filter(label -> !isOfVms(label) || label.level().isEmpty());
        return Optional.of(
                new Labelled(remembered, isLibvirts && remembered.isEmpty() ? byThePolicy(file) : Optional.empty()));
    }

    /** None on a file system that stores none. */
    private Optional<StoredLabel> label(OpenedFile file) throws LinuxException {
        try {
            return labels.get(file);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whether libvirt gives it to files of VMs. */
    boolean isOfVms(StoredLabel label) {
        return label.context()
                .map(context -> context.type())
                .filter(type -> type.equals(contexts.image().type())
                        || type.equals(contexts.content().type()))
                .isPresent();
    }

    /** For other files than regular ones the policy goes by their names. */
    private Optional<StoredLabel> byThePolicy(OpenedFile file) {
        if (file.status().type() != FileType.REGULAR) {
            return Optional.empty();
        }
        if (!(linux.open().open(file.realPath().parent(), OpenRequest.DIRECTORY) instanceof OpenedFile directory)) {
            return Optional.empty();
        }
        try (directory) {
            return switch (leftovers.policy().of(directory)) {
                case DirectoryPolicy.Known(var context) -> Optional.of(StoredLabel.of(context));
                case DirectoryPolicy.Unknown _ -> Optional.empty();
            };
        }
    }
}
