-- The status page asks since when each target is up: the rare bad looks, without reading 35 days of good ones.
create index samples_bad_idx on ops.samples (metric, target, at) where metric like 'availability:%' and value < 1;
