package labeler.registry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * Hosts that share storage agree here on three things: which VM has a category pair, which hosts hold a file, and which
 * label the file had before anybody held it. Holders are hosts: which of its VMs has a file, each host knows itself.
 *
 * <p>The order of a start is: claim, read the labels of the fresh files, record them, write the journal, set the labels. A
 * label that was read before the claim may be another host's. Each call may be repeated. After a refusal for want of an
 * answer, {@link #settle} finishes or takes back what was begun.
 */
public interface Registry {
    /**
     * Begins, and answers all that stands under this host's name. Everything else is refused before this was called, and
     * again after this host was fenced.
     */
    Answer<Mine> mine();

    /** Gives the VM a pair and files: all of them, or nothing. */
    ClaimOutcome claim(ClaimRequest request);

    /**
     * Records the labels of fresh files. From now on other hosts may join them.
     *
     * @param read the label that each of the claim's fresh files had; empty for no label
     * @return why not; the caller then gives the files back with {@link #leave}
     */
    Optional<Refusal> originals(Claim claim, Map<SharedFile, Optional<StoredLabel>> read);

    /**
     * Ends the VM's hold on files. Its process has ended, or has them open no more.
     *
     * @return those that no other VM of any host holds; the caller gives them back
     */
    Answer<List<ToRestore>> leave(VmName vm, Collection<SharedFile> files);

    /** These files have their earlier labels again, and the storage has written that down. */
    Optional<Refusal> restored(Collection<ToRestore> files);

    /** Forgets the VM, which has left all of its files. Its name is free; its pair is, once {@link #settle} finds it nowhere. */
    Optional<Refusal> end(VmName vm);

    /**
     * Takes the place of a host that was fenced, on storages that this host has. The fenced host's pairs stay taken.
     *
     * @return the files that only that host held; the caller gives them back
     */
    Answer<List<ToRestore>> takeOver(HostName fenced, Set<StorageName> storages);

    /**
     * Takes back claims that ended without an answer, and frees the pairs of VMs that have ended: those that no shared file
     * carries, as far as its record says, and no other file of this host.
     *
     * @param carried pairs that a file of this host may still carry
     * @return files of claims that were taken back and that everybody else has left meanwhile; the caller gives them back
     */
    Answer<List<ToRestore>> settle(Set<CategoryPair> carried);

    /**
     * The other hosts that hold files of this host's VMs, for people to see. Nothing is decided by it: the answer may be old
     * when it arrives.
     *
     * @return each shared file that this host holds, also one that no other host holds
     */
    Answer<Map<SharedFile, Set<HostName>>> otherHolders();

    /**
     * Where a VM runs that is about to move here. Nobody is told of it, and nothing changes: its claim asks again.
     *
     * @param request with {@link PairChoice.Moving}
     * @return refused with {@link Refusal.NotMoving} if no other host has the VM
     */
    Answer<Whereabouts> whereabouts(ClaimRequest request);

    /**
     * The other hosts that hold a file, or that have a VM with this pair on record. A label with that pair on the file may be
     * theirs.
     */
    Answer<Set<HostName>> otherUsers(SharedFile file, CategoryPair pair);

    /**
     * How this host stands to a file now. It is asked before a label is set that a claim of long ago allowed: a host that was
     * fenced, and runs all the same, may have lost the file to another one. Such a host gets no answer before it has begun
     * anew.
     */
    Answer<Standing> standing(SharedFile file);
}
