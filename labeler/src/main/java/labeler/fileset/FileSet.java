package labeler.fileset;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.problem.Problem;
import labeler.reference.ReadHeader;
import labeler.vm.ImageChain;

/**
 * All files of a VM, each once, in the order found. It owns the open ones.
 *
 * @param chains the files of each image that the definition names
 * @param headers of all images, read or known to be there
 * @param names every name by which a file was found, and the {@link VmFile#path} that stands for it
 * @param problems if any, the set is not complete or not safe
 */
public record FileSet(
        List<VmFile> files,
        List<ImageChain> chains,
        List<ReadHeader> headers,
        Map<HostPath, HostPath> names,
        List<External> external,
        List<Problem> problems,
        List<Problem> warnings)
        implements AutoCloseable {
    public FileSet {
        files = List.copyOf(files);
        chains = List.copyOf(chains);
        headers = List.copyOf(headers);
        names = Map.copyOf(names);
        external = List.copyOf(external);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    /** The file of this name; empty if the set has no such file, or the file does not exist yet. */
    public Optional<OpenedFile> named(HostPath name) {
        return file(name).flatMap(VmFile::file);
    }

    /** The same with its uses, also if it does not exist yet. */
    public Optional<VmFile> file(HostPath name) {
        HostPath path = names.getOrDefault(name, name);
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }

    /** The roots of directory trees that the VM may write, also of those that keep their labels. */
    public List<OpenedFile> writtenTrees() {
        return files.stream()
                .filter(file -> file.isTree() && file.uses().stream().anyMatch(FileUse::isWriting))
                .flatMap(file -> file.file().stream())
                .toList();
    }

    /**
     * The same set, with files that were made later.
     *
     * @param made the new files by their paths; the new set owns them, and all that is open in this one
     */
    public FileSet with(Map<HostPath, OpenedFile> made) {
        List<VmFile> completed = files.stream()
                .map(file -> Optional.ofNullable(made.get(file.path()))
                        .map(file::made)
                        .orElse(file))
                .toList();
        return new FileSet(completed, chains, headers, names, external, problems, warnings);
    }

    /** The same set, with more reasons against it. Both share the open files, so close only one of them. */
    public FileSet with(List<Problem> more) {
        return new FileSet(
                files,
                chains,
                headers,
                names,
                external,
                Stream.concat(problems.stream(), more.stream()).toList(),
                warnings);
    }

    /** The same set, with other accounts of its headers. Both share the open files, so close only one of them. */
    public FileSet reading(List<ReadHeader> others) {
        return new FileSet(files, chains, others, names, external, problems, warnings);
    }

    @Override
    public void close() {
        files.forEach(VmFile::close);
    }
}
