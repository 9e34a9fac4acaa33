package labeler.journal;

import java.util.List;
import java.util.OptionalLong;
import labeler.fileset.FileUse;
import labeler.linux.HostPath;
import labeler.plan.Treatment;

/**
 * A VM's hold on a file.
 *
 * @param file number of its {@link FileRecord}; empty for a file that is neither labelled nor handed over
 * @param path as this VM's definition or headers name it
 */
public record FileHold(OptionalLong file, HostPath path, Treatment treatment, String reason, List<FileUse> uses) {
    public FileHold {
        uses = List.copyOf(uses);
    }
}
