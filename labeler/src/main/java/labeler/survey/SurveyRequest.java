package labeler.survey;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * The things to look at.
 *
 * @param directories to look through; empty for those of the settings
 * @param held the VMs of the service; empty if it does not tell
 * @param silence why it does not tell, in words; empty if it does
 */
public record SurveyRequest(List<HostPath> directories, Optional<List<HeldVm>> held, String silence) {
    public SurveyRequest {
        directories = List.copyOf(directories);
        held = held.map(List::copyOf);
    }
}
