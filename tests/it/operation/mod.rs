//! What the operator does: back up, restore, stop, open a space, keep files in a bucket, let somebody else's tool try
//! the API. The program is the real one, and so is what stands around it.

mod addresses;
mod backup;
mod stop;
