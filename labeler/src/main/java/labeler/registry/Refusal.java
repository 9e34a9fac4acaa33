package labeler.registry;

import java.util.Set;
import java.util.stream.Collectors;
import labeler.plan.Sharing;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** A reason for which the registry gives nothing. */
public sealed interface Refusal {
    /** One line: what is in the way, and the way out. */
    default String message() {
        return switch (this) {
            case PairTaken(CategoryPair pair, HostName by) ->
                "host " + by + " has the category pair " + pair + "; give the VM another one";
            case NoFreePair() -> "no category pair of this host's range is free in the cluster; widen [mcs] range";
            case InUse(SharedFile file, String path, Sharing sharing, Set<HostName> hosts) ->
                path + " on storage " + file.storage() + " is " + sharing.words() + " on " + hosts(hosts)
                        + "; stop that VM first";
            case Busy(SharedFile file, String path, HostName by, String doing) ->
                "host " + by + " " + doing + " " + path + " on storage " + file.storage()
                        + " all the while; try again, and see to that host if it does not answer";
            case Contended() ->
                "others change the same files or pairs in the cluster's registry all the while; try again";
            case VmOnRecord(VmName vm) ->
                "the cluster has a VM " + vm + " on record for this host; run labeler recover";
            case NoSuchVm(VmName vm) -> "the cluster has no VM " + vm + " on record for this host";
            case StillHolds(VmName vm, SharedFile file) -> "VM " + vm + " still holds file " + file + "; stop it first";
            case NotMoving(VmName vm, String why) -> "VM " + vm + " cannot move here: " + why;
            case NotFenced(HostName host) ->
                "host " + host + " was not fenced; once it is certainly off, run labeler cluster fence " + host
                        + " --confirmed";
            case HostHolds(HostName host) ->
                "host " + host
                        + " still has VMs or files on record; stop its VMs, or, if it was fenced, let another host"
                        + " take over its files first";
            case AnotherStorage another ->
                another.isNamed()
                        ? "this file system is registered as storage " + another.registered()
                                + " already, and has one name and one root on all hosts; on an NFS server, give each export an"
                                + " fsid of its own"
                        : "storage " + another.name()
                                + " is registered with another file system or another root; give this one another name";
            case NotJoined(HostName host) -> "the cluster does not know host " + host + "; run labeler cluster join";
            case Outdated(String why) -> why;
            case Rebuilding(Set<HostName> missing) ->
                "the cluster's registry was lost, and these hosts have not told what they hold: "
                        + names(missing)
                        + "; run labeler cluster rebuild on each of them, or fence those that are off";
            case NothingLost(HostName host) ->
                "the registry is the one that host " + host + " saw last, so there is nothing to rebuild";
            case Unreachable(String why) ->
                "the cluster's registry does not answer (" + why
                        + "); files on shared storage wait for it, others do not";
            case Denied(String why) -> "the cluster's registry refuses: " + why;
            case NotUnderstood(String key, String why) ->
                "the cluster's registry has a value at " + key + " that cannot be read: " + why;
        };
    }

    private static String hosts(Set<HostName> hosts) {
        return hosts.isEmpty() ? "another host" : "host " + names(hosts);
    }

    private static String names(Set<HostName> hosts) {
        return hosts.stream().sorted().map(HostName::value).collect(Collectors.joining(", "));
    }

    /** Others have what is asked for, or are at work on it. */
    sealed interface Conflict extends Refusal {}

    /** The registry's records do not allow what is asked for. */
    sealed interface Unmet extends Refusal {}

    /** This service may not go on as it is. */
    sealed interface ShutOut extends Refusal {}

    /** The registry cannot be asked. */
    sealed interface Silent extends Refusal {}

    /** Another VM has the pair. */
    record PairTaken(CategoryPair pair, HostName by) implements Conflict {}

    /** Every pair of this host's range is taken. */
    record NoFreePair() implements Conflict {}

    /** Hosts hold a file in a way that excludes the VM. */
    record InUse(SharedFile file, String path, Sharing sharing, Set<HostName> hosts) implements Conflict {
        public InUse {
            hosts = Set.copyOf(hosts);
        }
    }

    /** A file is being claimed, or given back, all the while. */
    record Busy(SharedFile file, String path, HostName by, String doing) implements Conflict {}

    /** Other requests change the same things again and again. The registry answers. */
    record Contended() implements Conflict {}

    /** A VM of this name is on record for this host. */
    record VmOnRecord(VmName vm) implements Conflict {}

    /** A VM that this host does not have in the cluster. */
    record NoSuchVm(VmName vm) implements Unmet {}

    /** A VM cannot end before it has left its files. */
    record StillHolds(VmName vm, SharedFile file) implements Unmet {}

    /** A VM cannot move here. */
    record NotMoving(VmName vm, String why) implements Unmet {}

    /** A host whose holds are to be taken over was not fenced. */
    record NotFenced(HostName host) implements Unmet {}

    /** A host cannot go while something stands under its name. */
    record HostHolds(HostName host) implements Unmet {}

    /**
     * A name is another storage's, or a storage has another name.
     *
     * @param registered the name that the cluster has
     */
    record AnotherStorage(StorageName name, StorageName registered) implements Unmet {
        /** Whether the file system has a name of its own. */
        public boolean isNamed() {
            return !name.equals(registered);
        }
    }

    /** The cluster does not know this host. */
    record NotJoined(HostName host) implements ShutOut {}

    /** This service may not go on before it has looked at everything under its name again. */
    record Outdated(String why) implements ShutOut {}

    /** The registry was lost, and not all hosts have told what they hold. */
    record Rebuilding(Set<HostName> missing) implements Unmet {
        public Rebuilding {
            missing = Set.copyOf(missing);
        }
    }

    /** A rebuild is asked for, and the registry is the one that the host knows. */
    record NothingLost(HostName host) implements Unmet {}

    /** Too few members of the registry answer. */
    record Unreachable(String why) implements Silent {}

    /** The registry answers with an error. */
    record Denied(String why) implements Silent {}

    /** A value in the registry is none that this version wrote. */
    record NotUnderstood(String key, String why) implements Refusal {}
}
