package labeler.plan;

import java.util.Optional;
import labeler.linux.FileIdentity;

/** Which files are held already, and by whom. */
@FunctionalInterface
public interface HeldFiles {
    Optional<HeldFile> find(FileIdentity identity);
}
