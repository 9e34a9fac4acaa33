package labeler.fileset;

import java.util.List;
import labeler.linux.HostPath;

/**
 * The places of this service's own files.
 *
 * @param directories for its state: everything in them is the service's
 * @param programs the directories where it is installed; everything in them is the service's
 * @param files outside those: its sockets, its settings
 * @param runtimeDirectories the directory in one of them whose directories belong to a VM each
 */
public record ServicePlaces(
        List<HostPath> directories, List<HostPath> programs, List<HostPath> files, HostPath runtimeDirectories) {
    public ServicePlaces {
        directories = List.copyOf(directories);
        programs = List.copyOf(programs);
        files = List.copyOf(files);
    }
}
