package labeler.leftover;

import java.io.IOException;
import java.util.Optional;
import labeler.apply.Labels;
import labeler.linux.OpenedFile;
import labeler.selinux.CreatedContexts;
import labeler.selinux.ObjectClass;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * What the policy gives a regular file whose own label nobody knows any more: what the kernel would give a new one in its
 * directory. No name is looked at, so none can be chosen by whoever made the file. Device nodes have their labels from
 * udev, by name, and sockets from whoever listens: of them the directory says nothing.
 *
 * @param creator this process's context, whose user new files have
 * @param image what a VM writes: a directory that is labelled so is itself a leftover, or a VM's
 */
public record DirectoryPolicy(CreatedContexts kernel, SecurityContext creator, SecurityContext image, Labels labels) {
    /** What the policy says. */
    public sealed interface Answer {}

    public record Known(SecurityContext context) implements Answer {}

    /**
     * It says nothing that may be used.
     *
     * @param reason in words, with the way out
     */
    public record Unknown(String reason) implements Answer {}

    /** Of a regular file in this directory. */
    public Answer of(OpenedFile directory) {
        try {
            Optional<SecurityContext> label = labels.get(directory).flatMap(StoredLabel::context);
            if (label.isEmpty()) {
                return new Unknown("its directory has no label to go by; restorecon -F gives it what the policy says");
            }
            SecurityContext created = kernel.of(creator, label.get(), ObjectClass.FILE);
            if (created.type().equals(image.type())
                    || StoredLabel.of(label.get()).level().isPresent()) {
                return new Unknown("its directory is labelled as a VM's, " + label.get()
                        + "; give that its own label first (restorecon -F)");
            }
            return new Known(atRest(created, label.get().level()));
        } catch (IOException e) {
            return new Unknown(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Where idle images are kept from all VMs by their level (Fedora's policy lets every VM open one at s0), the directory has
     * that level, too; a file that the kernel labels has its creator's.
     */
    private static SecurityContext atRest(SecurityContext created, String directoryLevel) {
        boolean hasCategories = directoryLevel.indexOf(':') >= 0 && directoryLevel.indexOf('-') < 0;
        return hasCategories
                ? new SecurityContext(created.user(), created.role(), created.type(), directoryLevel)
                : created;
    }
}
