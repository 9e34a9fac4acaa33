package labeler.guard.judge;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.guard.sense.FileRules;
import labeler.guard.sense.FoundFiles;
import labeler.guard.sense.NewNode;
import labeler.guard.sense.Objection;
import labeler.journal.FileHold;
import labeler.lifecycle.follow.NamedFiles;
import labeler.lifecycle.follow.WantedFiles;
import labeler.linux.HostPath;
import labeler.reference.ReadHeader;
import labeler.vm.ChainLayer;

/** Judges the files of one command, now that they are open and nothing has changed yet. */
final class FileCheck implements WantedFiles.Check {
    private final FileRules rules;
    private final SentDescriptor sent;
    private volatile Optional<Objection> objection = Optional.empty();

    FileCheck(FileRules rules, SentDescriptor sent) {
        this.rules = rules;
        this.sent = sent;
    }

    @Override
    public boolean isFit(NamedFiles files) {
        Found found = new Found(files);
        objection = sent.objection(files)
                .or(() -> sent.file().flatMap(name -> rules.opened(name, found)))
                .or(() -> rules.objection(found));
        return objection.isEmpty();
    }

    @Override
    public Set<HostPath> alone() {
        return rules.meaning().added().stream()
                .filter(NewNode::isAlone)
                .map(NewNode::file)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Why they are not fit. */
    Optional<Objection> objection() {
        return objection;
    }

    private record Found(NamedFiles files) implements FoundFiles {
        @Override
        public List<ReadHeader> headers() {
            return files.headers();
        }

        @Override
        public List<ChainLayer> below() {
            return files.chains().stream()
                    .flatMap(chain -> chain.image().below().stream())
                    .flatMap(ChainLayer::all)
                    .toList();
        }

        @Override
        public Optional<HostPath> known(HostPath name) {
            List<HostPath> names =
                    files.holds(name).stream().map(FileHold::path).toList();
            return names.contains(name) ? Optional.of(name) : names.stream().findFirst();
        }

        @Override
        public boolean isReplaced(HostPath name) {
            return files.isReplaced(name);
        }

        @Override
        public Optional<HostPath> realName(HostPath name) {
            return files.realName(name);
        }

        @Override
        public boolean isLeft(HostPath name) {
            return files.isLeft(name);
        }

        @Override
        public boolean isImage(HostPath name) {
            return files.isImage(name);
        }

        @Override
        public boolean isThere(HostPath name) {
            return files.identity(name).isPresent();
        }

        @Override
        public boolean isSame(HostPath one, HostPath other) {
            return one.equals(other) || (isThere(one) && files.identity(one).equals(files.identity(other)));
        }
    }
}
